"""What Chromium makes of the references' headers: pages that others must not read, run or frame."""
