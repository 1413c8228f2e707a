from django.db import models


class World(models.Model):
    number = models.IntegerField()

    class Meta:
        db_table = "world"


class Fortune(models.Model):
    message = models.CharField(max_length=2048)

    class Meta:
        db_table = "fortune"


class Item(models.Model):
    name = models.CharField(max_length=100)
    category = models.CharField(max_length=100)
    price = models.IntegerField()
    stock = models.IntegerField()
    weight = models.IntegerField()
    active = models.BooleanField()
    created = models.DateTimeField()

    class Meta:
        db_table = "item"


class Loaded(models.Model):
    name = models.CharField(max_length=100)
    price = models.IntegerField()
    created = models.DateTimeField()

    class Meta:
        db_table = "loaded"
