"""References that people read out on the phone."""

import secrets

# Crockford's base 32: no I, L, O, U, so that nothing is misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_ref(prefix: str) -> str:
    """Make a reference such as REQ-7K3M9QXZ: random, so that refs tell nothing about how many there are."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(8))


def new_incident_ref() -> str:
    """Make the reference of an incident."""
    return new_ref("INC")


def new_aid_request_ref() -> str:
    """Make the reference of an aid request."""
    return new_ref("REQ")


def new_shelter_ref() -> str:
    """Make the reference of a shelter."""
    return new_ref("SHL")


def new_match_ref() -> str:
    """Make the reference of a match."""
    return new_ref("MAT")
