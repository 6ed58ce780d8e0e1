"""Pages for what is needed and who brings it, one file each."""

from aid.admin import aid_request as aid_request
from aid.admin import delivery as delivery
from aid.admin import item as item
from aid.admin import match as match
from aid.admin import need_count as need_count
from aid.admin import resource as resource
from aid.admin import shelter as shelter
