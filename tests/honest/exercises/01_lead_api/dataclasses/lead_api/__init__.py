"""Lead qualification with a class for each rule, and dataclasses for the rest."""
