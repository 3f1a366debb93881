from django import forms

from library.answers import answer
from library.models import Loan, Reminder


class ReminderForm(forms.ModelForm):  # origin: form-label
    class Meta:
        model = Reminder
        fields = ["loan"]


class ReturnForm(forms.Form):
    loan = forms.ModelChoiceField(queryset=Loan.objects.order_by("pk"))  # origin: form-field

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.fields["loan"].label_from_instance = self.label

    @staticmethod
    def label(loan):
        return loan.returned_to.name  # access: form-field n-plus-one library.Loan.returned_to


def form_label(request):
    return answer([str(ReminderForm())])


def form_field(request):
    return answer([str(ReturnForm())])
