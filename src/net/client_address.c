/* client_address.c: which addresses belong to the public internet: the special-purpose registries of RFC 6890. */
#include <clef/net/client.h>
#include <string.h>

typedef struct Block {
    uint32_t network;
    int bits;
} Block;

static bool v4_is_public(uint32_t a)
{
    static const Block not_public[] = {
        { 0x00000000, 8 },  /* this network */
        { 0x0a000000, 8 },  /* private */
        { 0x64400000, 10 }, /* shared by carriers */
        { 0x7f000000, 8 },  /* loopback */
        { 0xa9fe0000, 16 }, /* link-local; clouds keep their secrets there */
        { 0xac100000, 12 }, /* private */
        { 0xc0000000, 24 }, /* protocol assignments */
        { 0xc0000200, 24 }, /* documentation */
        { 0xc0586300, 24 }, /* 6to4 relays */
        { 0xc0a80000, 16 }, /* private */
        { 0xc6120000, 15 }, /* benchmarks */
        { 0xc6336400, 24 }, /* documentation */
        { 0xcb007100, 24 }, /* documentation */
        { 0xe0000000, 3 },  /* multicast, reserved, broadcast */
    };
    for (size_t i = 0; i < CLEF_COUNT(not_public); i++)
        if ((a ^ not_public[i].network) >> (32 - not_public[i].bits) == 0)
            return false;
    return true;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool v6_is_public(const uint8_t a[16])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff }, nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
    if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
        return v4_is_public(be32(a + 12));
    if (a[0] >> 5 != 1) /* global unicast is 2000::/3 */
        return false;
    uint32_t top = be32(a);
    if (top >> 16 == 0x2002) /* 6to4 */
        return v4_is_public(be32(a + 2));
    return top >> 9 != 0x20010000 >> 9      /* protocol assignments, Teredo among them */
           && top != 0x20010db8             /* documentation */
           && top >> 12 != 0x3fff0000 >> 12 /* documentation */
           && top >> 16 != 0x5f00;          /* segment routing */
}

bool address_is_public(const Address *a)
{
    if (a->n && a->any.sa_family == AF_INET)
        return v4_is_public(ntohl(a->v4.sin_addr.s_addr));
    return a->n && a->any.sa_family == AF_INET6 && v6_is_public(a->v6.sin6_addr.s6_addr);
}
