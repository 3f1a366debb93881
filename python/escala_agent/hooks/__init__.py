"""Where Django is wrapped. Each module has ``HOOKS``: module name → function called once it has been imported."""
