"""JSON under /v1, and the addresses by which a service is watched."""
