"""The ground: embedded servers, roles, bus permissions, processes, command line."""
