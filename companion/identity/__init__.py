"""Signed assertions of who a person is, as a proxy in front of the service passes them on."""
