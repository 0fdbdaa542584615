"""Replay of labelled public history: labels in, what gitmig says about the same commits, agreement out."""
