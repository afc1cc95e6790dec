"""What opens over the main screen: explanations, help, questions, classes, the loss as a chart."""
