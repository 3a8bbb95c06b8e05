"""Addresses of the city room."""

from django.urls import path

from lantian.city.views import account, lists, users

app_name = "city"
urlpatterns = [
    path("users/", lists.Users.as_view(), name="users"),
    path("users/new/", users.new_user, name="user_new"),
    path("users/<int:pk>/", users.user_page, name="user"),
    path("users/<int:pk>/edit/", users.edit_user, name="user_edit"),
    path("users/<int:pk>/active/", users.set_active, name="user_active"),
    path("users/<int:pk>/password/", users.reset_password, name="user_password"),
    path("users/<int:pk>/unlock/", users.unlock, name="user_unlock"),
    path("users/<int:pk>/roles/", users.grant_role, name="role_grant"),
    path("users/<int:pk>/roles/<int:membership_pk>/end/", users.end_role, name="role_end"),
    path("users/<int:pk>/tokens/<int:token_pk>/revoke/", users.revoke_token, name="user_token_revoke"),
    path("roles/", users.roles, name="roles"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/tokens/", account.new_token, name="token_new"),
    path("account/tokens/<int:pk>/revoke/", account.revoke_token, name="token_revoke"),
]
