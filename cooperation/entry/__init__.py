"""Where people enter: forms, admin, workflow, messages, history pages."""
