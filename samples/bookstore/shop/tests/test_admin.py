from django.apps import apps
from django.contrib.auth.models import User
from django.urls import reverse

from .base import SeededTestCase

APPS = ["shop", "orders", "inbox"]


class AdminTests(SeededTestCase):
    def setUp(self):
        self.client.force_login(User.objects.get(username="admin"))

    def test_every_model_has_a_list_and_a_form(self):
        models = [
            model for app in APPS for model in apps.get_app_config(app).get_models()
        ]
        self.assertEqual(len(models), 9)
        for model in models:
            name = f"{model._meta.app_label}_{model._meta.model_name}"
            with self.subTest(model=name):
                response = self.client.get(reverse(f"admin:{name}_changelist"))
                self.assertEqual(response.status_code, 200)
                change_url = reverse(f"admin:{name}_change", args=[1])
                self.assertEqual(self.client.get(change_url).status_code, 200)

    def test_readers_are_turned_away(self):
        self.client.force_login(User.objects.get(username="demo"))
        response = self.client.get(reverse("admin:shop_book_changelist"))
        self.assertEqual(response.status_code, 302)
