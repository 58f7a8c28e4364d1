"""Results as pictures: drawings of graphs, and plots of functions."""
