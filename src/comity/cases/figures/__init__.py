"""The figures of the complaint desk: counted by the worker as cases change, read by pages in a few milliseconds."""
