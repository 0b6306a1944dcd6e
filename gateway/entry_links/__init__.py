"""One-time links: a firm or landlord comes in without an account, and sees its own object's orders."""
