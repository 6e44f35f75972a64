"""What goes in and out of the JSON doors. Input models forbid unknown fields; output models only ever grow."""
