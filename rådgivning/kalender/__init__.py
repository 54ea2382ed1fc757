"""The joint calendar: planned indflytningssyn and servicebesøg, booked and answered by both sides."""
