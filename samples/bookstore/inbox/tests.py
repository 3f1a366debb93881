from django.contrib.auth.models import User
from django.urls import reverse

from inbox.models import Message
from shop.tests.base import SeededTestCase


class MessagePageTests(SeededTestCase):
    def setUp(self):
        self.demo = User.objects.get(username="demo")

    def test_asks_visitors_to_log_in(self):
        url = reverse("message-list")
        response = self.client.get(url)
        self.assertRedirects(response, f"{reverse('login')}?next={url}")

    def test_shows_own_messages_only(self):
        self.client.force_login(self.demo)
        response = self.client.get(reverse("message-list"))
        received = list(response.context["received"])
        self.assertEqual(received, list(Message.objects.filter(recipient=self.demo)))
        self.assertContains(response, received[0].sender.get_full_name())

    def test_marks_own_messages_as_read(self):
        others = Message.objects.exclude(recipient=self.demo).unread().count()
        self.assertTrue(Message.objects.filter(recipient=self.demo).unread())
        self.client.force_login(self.demo)
        self.client.get(reverse("message-list"))
        self.assertFalse(Message.objects.filter(recipient=self.demo).unread())
        self.assertEqual(Message.objects.unread().count(), others)
