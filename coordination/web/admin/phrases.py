"""Phrases of Django's admin that our catalogues say in their own way.

Django puts the name of a model into them as it is, in the nominative. Where a language needs another case, as Ukrainian
does after a verb, its translation keeps the name apart; naming the phrases here brings them into the catalogues.
"""

from django.utils.translation import gettext_noop

PHRASES_WITH_NAMES = (
    gettext_noop("Select %s"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Add %(name)s"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop(" By %(filter_title)s "),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
)
