"""Fills the forum: people, a tree of forums, topics with posts, polls, attachments, and posts to moderate."""

from datetime import datetime, timedelta, timezone

from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand
from machina.core.db.models import get_model

Forum = get_model("forum", "Forum")
Topic = get_model("forum_conversation", "Topic")
Post = get_model("forum_conversation", "Post")
Attachment = get_model("forum_attachments", "Attachment")
TopicPoll = get_model("forum_polls", "TopicPoll")
TopicPollOption = get_model("forum_polls", "TopicPollOption")
ForumProfile = get_model("forum_member", "ForumProfile")
ForumPermission = get_model("forum_permission", "ForumPermission")
UserForumPermission = get_model("forum_permission", "UserForumPermission")
GroupForumPermission = get_model("forum_permission", "GroupForumPermission")

FIRST_DAY = datetime(2024, 3, 1, 9, tzinfo=timezone.utc)


class Command(BaseCommand):
    help = "Fills an empty forum."

    def handle(self, *args, **options):
        staff = User.objects.create_superuser("staff", "staff@example.com", "staff")
        readers = Group.objects.create(name="readers")
        users = [User.objects.create_user(f"member{number}", f"member{number}@example.com") for number in range(12)]
        for user in [staff, *users]:
            user.groups.add(readers)
            profile, _ = ForumProfile.objects.get_or_create(user=user)
            profile.signature = f"Yours, {user.username}"
            profile.save()
        for number in range(3):
            category = Forum.objects.create(name=f"Category {number}", slug=f"category-{number}", type=Forum.FORUM_CAT)
            for at in range(4):
                name = f"Forum {number}-{at}"
                forum = Forum.objects.create(name=name, slug=f"forum-{number}-{at}", type=Forum.FORUM_POST, parent=category)
                for below in range(2):
                    Forum.objects.create(
                        name=f"{name}-{below}", slug=f"forum-{number}-{at}-{below}", type=Forum.FORUM_POST, parent=forum
                    )
        forums = list(Forum.objects.filter(type=Forum.FORUM_POST))
        for forum in forums:
            self._permissions(forum, staff, readers)
        for number, forum in enumerate(forums):
            for at in range(8 if number < 4 else 2):
                self._topic(forum, number * 10 + at, users)

    def _permissions(self, forum, staff, readers):
        for codename in ("can_see_forum", "can_read_forum", "can_start_new_topics", "can_reply_to_topics"):
            permission = ForumPermission.objects.get(codename=codename)
            GroupForumPermission.objects.create(permission=permission, forum=forum, group=readers, has_perm=True)
            UserForumPermission.objects.create(permission=permission, forum=forum, anonymous_user=True, has_perm=True)
        for codename in ("can_approve_posts", "can_lock_topics", "can_edit_own_posts"):
            permission = ForumPermission.objects.get(codename=codename)
            UserForumPermission.objects.create(permission=permission, forum=forum, user=staff, has_perm=True)

    def _topic(self, forum, number, users):
        poster = users[number % len(users)]
        kind = Topic.TOPIC_ANNOUNCE if number % 10 in (1, 2, 3) else Topic.TOPIC_POST
        topic = Topic.objects.create(
            forum=forum, poster=poster, subject=f"Topic {number}", slug=f"topic-{number}", type=kind, status=Topic.TOPIC_UNLOCKED
        )
        topic.subscribers.add(User.objects.get(username="staff"))
        for at in range(12 if number < 4 else 3):
            author = users[(number + at) % len(users)]
            post = Post.objects.create(
                topic=topic, poster=author, subject=f"Topic {number}", content=f"Words {at} by {author.username}",
                approved=not (number % 3 == 0 and at == 2), updated_by=users[at] if at % 2 else None,
            )
            when = FIRST_DAY + timedelta(days=number, hours=at)
            Post.objects.filter(pk=post.pk).update(created=when, updated=when)
            if at % 3 == 0:
                attachment = Attachment(post=post, comment="a file")
                attachment.file.save(f"notes-{number}-{at}.txt", ContentFile(b"notes"))
        if number % 4 == 0:
            poll = TopicPoll.objects.create(topic=topic, question="Which?", duration=0, max_options=1)
            for text in ("this", "that", "both"):
                TopicPollOption.objects.create(poll=poll, text=text)
