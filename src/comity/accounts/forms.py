"""What people fill in about themselves, and administrators about others."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.models import Grant, Person, Unit, in_force
from comity.accounts.rights import is_contact
from comity.accounts.roles import STAFF

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
ABSENCE = ("stand_in", "away_from", "away_to")


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone) for zone in sorted(available_timezones())]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What each person decides alone. People inside stand in for people inside; contacts for nobody."""

    time_zone = forms.ChoiceField(label=_("time zone"), choices=_zones)

    class Meta:
        model = Person
        fields: tuple[str, ...] = ("name", "language", "time_zone", "theme", *ABSENCE)
        widgets = dict.fromkeys(("away_from", "away_to", "starts_on", "ends_on"), DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_contact(self.instance):
            for name in ABSENCE:
                del self.fields[name]
        else:
            inside = Grant.objects.filter(in_force(timezone.localdate()), role__in=STAFF).values("person")
            others = Person.objects.filter(is_active=True, pk__in=inside).exclude(pk=self.instance.pk)
            self.fields["stand_in"].queryset = others  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for start, end in (("away_from", "away_to"), ("starts_on", "ends_on")):
            if data.get(start) and data.get(end) and data[end] < data[start]:
                self.add_error(end, _("This lies before the start."))
        return data


class PersonForm(ProfileForm):
    """What an administrator keeps about a person."""

    class Meta(ProfileForm.Meta):
        fields = ("email", "name", "language", "time_zone", "starts_on", "ends_on", *ABSENCE)
        help_texts = {"ends_on": _("From this day the person cannot sign in any more.")}

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if Person.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody with this address exists already."))
        return email


class _UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Units in the order of the tree, indented."""

    def label_from_instance(self, obj: Unit) -> str:
        return f"{'— ' * obj.depth}{obj.name}"


class GrantForm(forms.ModelForm):  # type: ignore[type-arg]
    """A role for the person that the instance names."""

    unit = _UnitChoice(label=_("unit"), queryset=Unit.objects.all())

    class Meta:
        model = Grant
        fields = ("role", "unit", "starts_on", "ends_on")
        widgets = {"starts_on": DAY, "ends_on": DAY}
        help_texts = {"ends_on": _("From this day the role is not held any more.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "grant_%s"} | kwargs)  # beside another form on the page

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"role", "unit", "starts_on"} <= data.keys():
            same = self.instance.person.grants.filter(role=data["role"], unit=data["unit"])
            if same.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=data["starts_on"])).exists():
                raise forms.ValidationError(_("The person holds this role in this unit already."))
        return data


class UnitForm(forms.ModelForm):  # type: ignore[type-arg]
    """A unit and its place; never below itself."""

    parent = _UnitChoice(label=_("belongs to"), queryset=Unit.objects.all(), required=False)

    class Meta:
        model = Unit
        fields = ("name", "parent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            outside = Unit.objects.exclude(path__startswith=self.instance.path)
            self.fields["parent"].queryset = outside  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    name = forms.CharField(label=_("name"), max_length=100, help_text=_("What will use the token."))
    scopes = forms.RegexField(
        r"^(provision|([a-z_]+:)?(read|write)( ([a-z_]+:)?(read|write))*)$",
        label=_("scopes"),
        initial="read",
        help_text=_("“read”, “write”, or one kind of record only, such as “customer:read”; separated by blanks."),
    )
    days = forms.TypedChoiceField(label=_("valid for"), coerce=int, initial=90, choices=())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "token_%s"} | kwargs)  # beside another form on the page
        self.fields["days"].choices = [(n, _("%(n)d days") % {"n": n}) for n in (30, 90, 365)]  # type: ignore[attr-defined]

    def clean_scopes(self) -> list[str]:
        return str(self.cleaned_data["scopes"]).split()
