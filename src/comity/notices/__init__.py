"""What leaves the house and what people inside hear of: mails, notifications, digests, notices to many."""
