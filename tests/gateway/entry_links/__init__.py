"""One-time links: a firm or landlord comes in once, and sees its own orders."""
