from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from .models import Message


@login_required
def message_list(request):
    received = Message.objects.filter(recipient=request.user)
    received.mark_read()
    return render(request, "inbox/message_list.html", {"received": received})
