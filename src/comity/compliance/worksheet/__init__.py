"""The worksheet of an assessment: what people say of each task, beside the verdict of the records at one moment."""
