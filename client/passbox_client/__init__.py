"""The sender's PC: scan a medium, review it, pack, seal and upload."""
