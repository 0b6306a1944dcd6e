"""What of the app's is guarded: the columns that are sealed, and the nouns whose reads are rows."""

from gateway.files.actions import CAPTURE
from gateway.people.actions_looks import PERSON
from gateway.people.actions_secrets import COLUMNS as PERSON_SECRETS
from gateway.providers.actions import SEALED as PROVIDER_SECRETS
from gateway.providers.actions_links import IDENTITY
from gateway.providers.actions_sign_in import SEALED as PROVIDER_SIGN_INS
from gateway.signing.actions import SEALED as SIGNING_KEYS
from gateway.subjects.actions_looks import SUBJECT
from gateway.timeline.actions import TIMELINE, TRACE
from gateway.webhooks.actions import SEALED as WEBHOOK_SECRETS

SEALED = (
    SIGNING_KEYS,
    *PERSON_SECRETS.values(),
    WEBHOOK_SECRETS,
    PROVIDER_SECRETS,
    PROVIDER_SIGN_INS,
    CAPTURE,
)
SENSITIVE = (TIMELINE, TRACE, PERSON, SUBJECT, IDENTITY)
