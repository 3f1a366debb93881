from oscar.core.loading import get_model

Product = get_model("catalogue", "Product")


def sellable_products():
    """Everything that can be put in a basket: stand-alone products and variants."""
    return Product.objects.public().exclude(structure=Product.PARENT).order_by("upc")


def price_list_rows():
    for product in sellable_products():
        for stockrecord in product.stockrecords.all():
            yield [
                product.upc,
                product.get_title(),
                product.get_product_class().name,
                stockrecord.partner.name,
                stockrecord.price,
                stockrecord.num_in_stock,
            ]
