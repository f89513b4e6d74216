"""What real engines have answered, told again, also with mistakes in it."""
