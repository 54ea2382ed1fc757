"""The helhedsplan as data: areas, afdelinger, delmål, indicators, activities, lists and yearly målinger."""
