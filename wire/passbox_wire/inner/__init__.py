"""The inner contract: what the poller says to the receiver's inner side and to the viewer.

Always the poller dials.
"""
