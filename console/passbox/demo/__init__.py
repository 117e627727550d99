"""`passbox demo`: the main job on one machine, every program its own process."""
