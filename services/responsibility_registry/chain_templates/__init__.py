"""Chains of contact responsibility (包保、林长、路长…): templates, who is in which link, and what is missing."""
