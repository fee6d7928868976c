"""What a value is, whatever record holds it: text, dates, money, places. Knows no record."""
