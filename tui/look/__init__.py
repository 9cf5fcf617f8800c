"""Looking at weights: their figures, distribution, values and pictures, a view a tab."""
