"""The complaint desk: cases, escalations and topic bundles (ISO/IEC 20000-1:2011 7.1, CSMS:2003 10, ISO 10002)."""
