"""What the room does: mails, notifications, deadlines, digests, notices to many."""
