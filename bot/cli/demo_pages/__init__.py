"""The demo's windows into its simulated platforms: a WhatsApp phone and a Feishu chat. ``zhanggui run`` has neither."""
