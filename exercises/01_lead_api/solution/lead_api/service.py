"""The rules that a lead must keep to qualify; they know no HTTP, so a nightly import can use them too."""

from .models import LeadCreate, LeadStatus, LeadVerdict

MAX_SIZE_TOO_SMALL = 10
DECISION_MAKERS = {role.casefold() for role in ("CEO", "CTO", "Founder", "VP of Engineering")}
FREE_MAIL_DOMAINS = {"gmail.com", "yahoo.com", "outlook.com"}


def judge(lead: LeadCreate) -> LeadVerdict:
    """Check a lead against every rule; it qualifies if none of them objects."""
    objections = [objection for rule in RULES if (objection := rule(lead)) is not None]
    return LeadVerdict(
        status=LeadStatus.UNQUALIFIED if objections else LeadStatus.QUALIFIED,
        qualification_notes=objections or None,
        lead=lead,
    )


def object_to_company_size(lead: LeadCreate) -> str | None:
    """Object to a company that is too small to pay."""
    if lead.company_size > MAX_SIZE_TOO_SMALL:
        return None
    return f"A company size of {lead.company_size} is not greater than {MAX_SIZE_TOO_SMALL}."


def object_to_role(lead: LeadCreate) -> str | None:
    """Object to a person who does not decide on buying."""
    if lead.role.strip().casefold() in DECISION_MAKERS:
        return None
    return f"The role {lead.role.strip()} does not decide on buying."


def object_to_email_domain(lead: LeadCreate) -> str | None:
    """Object to an address at a free mail provider; a domain that only looks like one is fine."""
    domain = lead.email.rpartition("@")[2]
    if domain not in FREE_MAIL_DOMAINS:
        return None
    return f"The domain {domain} is a free mail provider's."


RULES = (object_to_company_size, object_to_role, object_to_email_domain)
