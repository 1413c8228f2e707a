/*
 * Who buys it. The struct Address is a model here; <clef/rt.h> has another of that name, so these files include the
 * ORM's header only.
 */
#ifndef SALES_MODELS_H
#define SALES_MODELS_H

#include "../catalog/models.h"

#define NEW_ORDER "N"
#define PAID      "P"
#define SHIPPED   "S"
#define CANCELLED "C"

typedef struct Customer {
    MODEL_HEAD;
    Str name;
    Str email;
    DateTime joined;
    bool vip;
    REL(struct Customer, referrer);
    Decimal credit;
} Customer;

typedef struct Profile {
    MODEL_HEAD_NO_ID;
    REL(Customer, customer);
    Str avatar;
    OptDate birthday;
    bool newsletter;
    Str phone;
    OptTime wake_up;
    Str blob;
    Value prefs;
} Profile;

typedef struct Address {
    MODEL_HEAD;
    REL(Customer, customer);
    Str line;
    Str city;
    REL_STR(Country, country);
    int64_t _order;
} Address;

typedef struct Order {
    MODEL_HEAD;
    Str number;
    REL(Customer, customer);
    DateTime placed;
    OptDateTime paid_at;
    Str status;
    Decimal total;
    REL(Address, ship_to);
    Str notes;
} Order;

typedef struct OrderLine {
    MODEL_HEAD;
    REL(Order, order);
    REL(Product, product);
    int32_t qty;
    Decimal unit_price;
    double discount;
    Decimal subtotal; /* by the database */
} OrderLine;

typedef struct Coupon {
    MODEL_HEAD_NO_ID;
    Str code;
    int16_t percent;
    Date valid_from;
    OptDate valid_to;
    REL(Customer, customer);
    bool used;
} Coupon;

typedef struct Event {
    MODEL_HEAD_NO_ID;
    int64_t id;
    Str kind;
    DateTime at;
    Duration took;
    Value payload;
    REL(Customer, customer);
} Event;

typedef struct Shelf {
    MODEL_HEAD_NO_ID;
    Str aisle;
    int64_t number;
    int64_t capacity;
} Shelf;

extern const Model Customer_model, Profile_model, Address_model, Order_model, OrderLine_model, Coupon_model,
    Event_model, Shelf_model;
extern const App sales_app;

#endif
