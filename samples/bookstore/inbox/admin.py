from django.contrib import admin

from .models import Message


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    list_display = ["subject", "sender", "recipient", "sent_at"]
    list_filter = ["sent_at"]
    list_select_related = ["sender", "recipient"]
    search_fields = ["subject", "sender__username", "recipient__username"]
    autocomplete_fields = ["sender", "recipient"]
    # Set by the inbox alone, when the recipient opens it.
    exclude = ["read_at"]
