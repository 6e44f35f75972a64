"""The doors: translate, authorise, render; decide nothing."""
