"""Fills an empty shop with the same assortment, customers and orders every time."""

import datetime
import random
from decimal import Decimal
from io import BytesIO

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.sites.models import Site
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from oscar.core.loading import get_model
from PIL import Image

Basket = get_model("basket", "Basket")
Benefit = get_model("offer", "Benefit")
Category = get_model("catalogue", "Category")
Condition = get_model("offer", "Condition")
ConditionalOffer = get_model("offer", "ConditionalOffer")
Country = get_model("address", "Country")
Notification = get_model("communication", "Notification")
Order = get_model("order", "Order")
OrderLine = get_model("order", "Line")
OrderNote = get_model("order", "OrderNote")
Partner = get_model("partner", "Partner")
PartnerAddress = get_model("partner", "PartnerAddress")
Product = get_model("catalogue", "Product")
ProductAttribute = get_model("catalogue", "ProductAttribute")
ProductAttributeValue = get_model("catalogue", "ProductAttributeValue")
ProductCategory = get_model("catalogue", "ProductCategory")
ProductClass = get_model("catalogue", "ProductClass")
ProductImage = get_model("catalogue", "ProductImage")
ProductRecommendation = get_model("catalogue", "ProductRecommendation")
ProductReview = get_model("reviews", "ProductReview")
Range = get_model("offer", "Range")
ShippingAddress = get_model("order", "ShippingAddress")
StockAlert = get_model("partner", "StockAlert")
StockRecord = get_model("partner", "StockRecord")
User = get_user_model()
Vote = get_model("reviews", "Vote")
WishList = get_model("wishlists", "WishList")

STAFF_EMAIL = "staff@example.com"
STAFF_PASSWORD = "paper-kite-staff"

OPENING = datetime.datetime(2024, 3, 1, 9, tzinfo=datetime.timezone.utc)
DEPARTMENTS = {
    "Books": ["Novels", "Travel", "Science"],
    "Games": ["Board games", "Puzzles", "Cards"],
    "Stationery": ["Notebooks", "Pens", "Wrapping paper"],
}
ADJECTIVES = ["Amber", "Brisk", "Curious", "Distant", "Gentle", "Hidden", "Quiet"]
NOUNS = ["Harbour", "Lantern", "Meadow", "Orchard", "River", "Summit", "Window"]
FIRST_NAMES = ["Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Femi", "Greta", "Hugo"]
LAST_NAMES = ["Abara", "Blum", "Costa", "Dahl", "Engel", "Fontaine"]
CITIES = ["Porto", "Leeds", "Graz", "Lyon", "Gdansk", "Turin"]
COUNTRIES = {"GB": "United Kingdom", "PT": "Portugal", "AT": "Austria", "FR": "France"}

PARENTS = 12
STANDALONES = 60
CUSTOMERS = 40
ORDERS = 60


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def fill(self):
        self.random = random.Random(20240301)
        self.create_people()
        self.create_suppliers()
        self.create_assortment()
        self.create_stock()
        self.create_reviews()
        self.create_orders()
        self.create_offers()
        self.create_staff_account()

    def handle(self, *args, **options):
        if User.objects.exists():
            self.stdout.write("The shop is already seeded.")
            return
        self.fill()
        call_command("rebuild_index", interactive=False, verbosity=0)
        self.stdout.write(
            f"Seeded {Product.objects.count()} products and {Order.objects.count()}"
            f" orders. Staff login: {STAFF_EMAIL} / {STAFF_PASSWORD}"
        )

    def create_people(self):
        Site.objects.update(domain="paperkite.example", name="The Paper Kite")
        for code, name in COUNTRIES.items():
            Country.objects.create(
                iso_3166_1_a2=code,
                name=name,
                printable_name=name,
                is_shipping_country=True,
            )
        self.staff = User.objects.create(
            username="staff",
            email=STAFF_EMAIL,
            first_name="Sam",
            last_name="Staffer",
            password=make_password(STAFF_PASSWORD, salt="paperkite"),
            is_staff=True,
            is_superuser=True,
            date_joined=OPENING,
        )
        User.objects.bulk_create(
            User(
                username=f"customer{number}",
                email=f"customer{number}@example.com",
                first_name=self.random.choice(FIRST_NAMES),
                last_name=self.random.choice(LAST_NAMES),
                password="!",
                date_joined=OPENING + datetime.timedelta(days=number),
            )
            for number in range(1, CUSTOMERS + 1)
        )
        self.customers = list(User.objects.filter(is_staff=False).order_by("pk"))

    def create_suppliers(self):
        self.suppliers = []
        for number, city in enumerate(CITIES, start=1):
            supplier = Partner.objects.create(name=f"{city} Trading", code=f"s{number}")
            PartnerAddress.objects.create(
                partner=supplier,
                line1=f"{number} Dock Road",
                line4=city,
                postcode=f"{number}000",
                country_id=self.random.choice(list(COUNTRIES)),
            )
            self.suppliers.append(supplier)

    def create_assortment(self):
        leaves, classes, weights = [], {}, {}
        for department, names in DEPARTMENTS.items():
            root = Category.add_root(name=department)
            leaves += [(department, root.add_child(name=name)) for name in names]
            classes[department] = ProductClass.objects.create(name=department)
            weights[department] = ProductAttribute.objects.create(
                product_class=classes[department],
                name="Weight in grams",
                code="weight",
                type=ProductAttribute.INTEGER,
            )
        originals = [self.save_picture(number) for number in range(len(ADJECTIVES))]
        for number in range(PARENTS + STANDALONES):
            department, category = leaves[number % len(leaves)]
            adjective = ADJECTIVES[number % len(ADJECTIVES)]
            noun = NOUNS[number // len(ADJECTIVES) % len(NOUNS)]
            title = f"{adjective} {noun} {number + 1}"
            is_parent = number < PARENTS
            product = Product.objects.create(
                structure=Product.PARENT if is_parent else Product.STANDALONE,
                upc=f"{number + 1:06}",
                title=title,
                description=f"{title}: a favourite among our {category.name.lower()}.",
                product_class=classes[department],
            )
            ProductCategory.objects.create(product=product, category=category)
            if number % 4 == 0:
                ProductCategory.objects.create(
                    product=product,
                    category=leaves[(number + 5) % len(leaves)][1],
                )
            ProductAttributeValue.objects.create(
                product=product,
                attribute=weights[department],
                value_integer=self.random.randrange(50, 900),
            )
            if number % 9:
                ProductImage.objects.create(
                    product=product,
                    original=originals[number % len(originals)],
                    caption=title,
                )
            if is_parent:
                self.create_variants(product)
        self.spread_creation_dates()
        standalones = list(
            Product.objects.filter(structure=Product.STANDALONE).order_by("pk")
        )
        for number, product in enumerate(standalones):
            for rank in range(3):
                ProductRecommendation.objects.create(
                    primary=product,
                    recommendation=standalones[(number + rank + 1) % len(standalones)],
                    ranking=rank,
                )

    def create_variants(self, parent):
        for size in ("small", "medium", "large"):
            Product.objects.create(
                structure=Product.CHILD,
                parent=parent,
                upc=f"{parent.upc}-{size}",
                title="" if size == "medium" else f"{parent.title}, {size}",
                slug=f"{parent.slug}-{size}",
            )

    def save_picture(self, number):
        picture = BytesIO()
        colour = ((number * 37) % 256, (number * 91) % 256, (number * 53) % 256)
        Image.new("RGB", (320, 240), colour).save(picture, "PNG")
        return default_storage.save(
            f"images/products/{number}.png", ContentFile(picture.getvalue())
        )

    def spread_creation_dates(self):
        products = list(Product.objects.order_by("pk"))
        for number, product in enumerate(products):
            product.date_created = OPENING + datetime.timedelta(hours=number)
            product.date_updated = product.date_created
        Product.objects.bulk_update(products, ["date_created", "date_updated"])

    def create_stock(self):
        sold = Product.objects.exclude(structure=Product.PARENT).order_by("pk")
        StockRecord.objects.bulk_create(
            StockRecord(
                product=product,
                partner=self.random.choice(self.suppliers),
                partner_sku=f"SKU-{product.upc}",
                price=Decimal(self.random.randrange(250, 9900)) / 100,
                num_in_stock=self.random.randrange(0, 40),
                low_stock_threshold=5,
            )
            for product in sold
        )
        StockRecord.objects.update(date_created=OPENING, date_updated=OPENING)
        self.stock = list(
            StockRecord.objects.select_related("product__parent", "partner").order_by(
                "pk"
            )
        )
        StockAlert.objects.bulk_create(
            StockAlert(stockrecord=record, threshold=5)
            for record in self.stock
            if record.num_in_stock < 5
        )
        StockAlert.objects.update(date_created=OPENING)

    def create_reviews(self):
        products = list(Product.objects.browsable().order_by("pk"))
        ProductReview.objects.bulk_create(
            ProductReview(
                product=product,
                user=customer,
                score=self.random.randrange(1, 6),
                title=f"{self.random.choice(ADJECTIVES)} and useful",
                body="Bought it as a present and kept it.",
                status=ProductReview.APPROVED,
            )
            for product in products
            for customer in self.random.sample(self.customers, self.random.randrange(4))
        )
        reviews = list(ProductReview.objects.order_by("pk"))
        for number, review in enumerate(reviews):
            review.date_created = OPENING + datetime.timedelta(days=60, hours=number)
        ProductReview.objects.bulk_update(reviews, ["date_created"])
        Vote.objects.bulk_create(
            Vote(review=review, user=customer, delta=Vote.UP)
            for review in reviews[::2]
            for customer in self.customers[:2]
        )
        for product in products:
            Product.objects.filter(pk=product.pk).update(
                rating=product.calculate_rating()
            )

    def create_orders(self):
        statuses = ["Pending", "Being processed", "Complete", "Cancelled"]
        for number in range(ORDERS):
            buyer = (
                self.staff if number % 6 == 0 else self.random.choice(self.customers)
            )
            picked = self.random.sample(self.stock, self.random.randrange(2, 6))
            total = sum(record.price for record in picked)
            address = ShippingAddress.objects.create(
                first_name=buyer.first_name,
                last_name=buyer.last_name,
                line1=f"{number + 1} Kite Street",
                line4=self.random.choice(CITIES),
                postcode=f"{number:04}",
                country_id=self.random.choice(list(COUNTRIES)),
            )
            order = Order.objects.create(
                number=f"{100001 + number}",
                site_id=1,
                user=buyer,
                shipping_address=address,
                currency="GBP",
                total_incl_tax=total,
                total_excl_tax=total,
                status=statuses[number // 2 % len(statuses)],
                date_placed=OPENING + datetime.timedelta(days=90, hours=5 * number),
            )
            OrderLine.objects.bulk_create(
                self.order_line(order, record) for record in picked
            )
            OrderNote.objects.create(order=order, user=self.staff, message="Checked.")
        OrderNote.objects.update(
            date_created=OPENING + datetime.timedelta(days=120),
            date_updated=OPENING + datetime.timedelta(days=120),
        )

    def order_line(self, order, record):
        return OrderLine(
            order=order,
            product=record.product,
            title=record.product.get_title(),
            upc=record.product.upc,
            partner=record.partner,
            partner_name=record.partner.name,
            partner_sku=record.partner_sku,
            stockrecord=record,
            quantity=1,
            num_allocated=1,
            status=order.status,
            unit_price_incl_tax=record.price,
            unit_price_excl_tax=record.price,
            line_price_incl_tax=record.price,
            line_price_excl_tax=record.price,
            line_price_before_discounts_incl_tax=record.price,
            line_price_before_discounts_excl_tax=record.price,
        )

    def create_offers(self):
        everything = Range.objects.create(
            name="Everything", slug="everything", includes_all_products=True
        )
        featured = Range.objects.create(
            name="Featured", slug="featured", is_public=True
        )
        for product in Product.objects.filter(structure=Product.STANDALONE)[:20]:
            featured.add_product(product)
        Range.objects.update(date_created=OPENING)
        for number, products in enumerate((everything, featured), start=1):
            ConditionalOffer.objects.create(
                name=f"Spring offer {number}",
                slug=f"spring-offer-{number}",
                priority=number,
                condition=Condition.objects.create(
                    range=products, type=Condition.COUNT, value=2 * number
                ),
                benefit=Benefit.objects.create(
                    range=products, type=Benefit.PERCENTAGE, value=5 * number
                ),
            )

    def create_staff_account(self):
        basket = Basket.objects.create(owner=self.staff)
        for record in self.stock[40:46]:
            basket.lines.create(
                product=record.product,
                stockrecord=record,
                line_reference=f"{record.product_id}_{record.pk}",
                quantity=1,
                price_currency="GBP",
                price_excl_tax=record.price,
                price_incl_tax=record.price,
            )
        wish_list = WishList.objects.create(owner=self.staff, name="For the window")
        for record in self.stock[40:60]:
            wish_list.add(record.product)
        # The model draws a random key on insert.
        WishList.objects.update(key="kite01", date_created=OPENING)
        Notification.objects.bulk_create(
            Notification(recipient=self.staff, subject=f"Delivery {number} has arrived")
            for number in range(1, 9)
        )
        Notification.objects.update(date_sent=OPENING)
