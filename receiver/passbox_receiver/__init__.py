"""The DMZ: a quarantine of sealed packs that it cannot open."""
