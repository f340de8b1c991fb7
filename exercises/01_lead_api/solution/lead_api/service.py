"""The rules that a lead must keep to qualify; they know no HTTP, so that a nightly import, say, can use them too."""

from .models import LeadCreate, LeadStatus, LeadVerdict

LARGEST_TOO_SMALL = 10
DECISION_MAKERS = {role.casefold() for role in ("CEO", "CTO", "Founder", "VP of Engineering")}
FREE_MAIL_DOMAINS = {"gmail.com", "yahoo.com", "outlook.com"}


def judge(lead: LeadCreate) -> LeadVerdict:
    """Hold a lead against every rule; it qualifies if none of them objects."""
    objections = [objection for rule in RULES if (objection := rule(lead)) is not None]
    return LeadVerdict(
        status=LeadStatus.UNQUALIFIED if objections else LeadStatus.QUALIFIED,
        qualification_notes="\n".join(objections) or None,
        lead=lead,
    )


def object_to_company_size(lead: LeadCreate) -> str | None:
    """Object to a company that is too small to pay."""
    if lead.company_size > LARGEST_TOO_SMALL:
        return None
    return f"A company size of {lead.company_size} is not greater than {LARGEST_TOO_SMALL}."


def object_to_role(lead: LeadCreate) -> str | None:
    """Object to a person who does not decide on buying; an objection is one line, even if the role is not."""
    if lead.role.strip().casefold() in DECISION_MAKERS:
        return None
    return f"The role {' '.join(lead.role.split())} is not one that decides."


def object_to_email_domain(lead: LeadCreate) -> str | None:
    """Object to an address at a free mail provider; a domain that only looks like one is none."""
    domain = lead.email.rpartition("@")[2]
    if domain not in FREE_MAIL_DOMAINS:
        return None
    return f"The email domain {domain} belongs to a free mail provider."


RULES = (object_to_company_size, object_to_role, object_to_email_domain)
