"""Referrals: the handover sheet, consent, life cycle, and the line between a person and a caseworker."""
