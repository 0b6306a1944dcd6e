"""The timeline of all services as its auditors search it, one row with its proof, and corrections beside rows."""
