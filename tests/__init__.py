"""Tests mirror the programs; contract, e2e, faults and bench cut across them."""
