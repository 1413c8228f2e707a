import random

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from .models import Fortune, Item, Loaded, World


def some_world():
    return World.objects.get(id=random.randint(10001, 20000))


def as_dict(w):
    return {"id": w.id, "number": w.number}


def one(request):
    return JsonResponse(as_dict(some_world()))


def twenty(request):
    return JsonResponse([as_dict(some_world()) for _ in range(20)], safe=False)


def listed(request):
    return JsonResponse(list(Item.objects.order_by("id").values()[:100]), safe=False)


def fortunes(request):
    rows = list(Fortune.objects.all())
    rows.append(Fortune(id=0, message="Additional fortune added at request time."))
    rows.sort(key=lambda row: row.message)
    return render(request, "fortunes.html", {"fortunes": rows})


def updates(request):
    rows = []
    with transaction.atomic():
        for _ in range(5):
            w = some_world()
            w.number = random.randint(10000, 99999)
            w.save(update_fields=["number"])
            rows.append(as_dict(w))
    return JsonResponse(rows, safe=False)


def bulk(request):
    now = timezone.now()
    Loaded.objects.bulk_create([Loaded(name="a row of many", price=i, created=now) for i in range(100000)])
    return HttpResponse("done")


def empty(request):
    Loaded.objects.all().delete()
    return HttpResponse("done")


urlpatterns = [path("one", one), path("twenty", twenty), path("list", listed), path("fortunes", fortunes),
               path("updates", updates), path("bulk", bulk), path("empty", empty)]
