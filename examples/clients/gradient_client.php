<?php
// The service from PHP 8, without extensions. Run: php gradient_client.php
const JSON = 'application/json';

function post(string $body, string $type = JSON) // a stream, whatever the status
{
    $url = (getenv('GRADIENT_URL') ?: 'http://127.0.0.1:8000') . '/gradient';
    $http = ['method' => 'POST', 'header' => "Content-Type: $type", 'content' => $body, 'ignore_errors' => true];
    return fopen($url, 'r', false, stream_context_create(['http' => $http]));
}

function show(string $name, float $number): void
{
    printf("%s %.1F\n", $name, $number);
}

// One request: d = a*b + c, its value and its gradient.
$message = ['expression' => 'a*b + c', 'bindings' => ['a' => 2, 'b' => -3, 'c' => 10]];
$answer = json_decode(stream_get_contents(post(json_encode($message))));
show('value', $answer->value);
foreach ($answer->gradients as $name => $gradient) {
    show($name, $gradient);
}

// A mistake: the answer is a problem document.
$message['expression'] = 'a*b +';
$problem = json_decode(stream_get_contents(post(json_encode($message))));
if (($problem->status ?? 200) !== 200) {
    echo "$problem->status $problem->title: $problem->detail\n";
    foreach ($problem->errors ?? [] as $fault) {
        echo "$fault->pointer: $fault->detail\n";
    }
}

// Many at once: a message a line, an answer a line, each as soon as it is there.
$lines = '';
foreach ([['one', 'x**2', 1], ['two', 'x**', 2], ['three', 'x**2', 3]] as [$id, $text, $x]) {
    $lines .= json_encode(['id' => $id, 'expression' => $text, 'bindings' => ['x' => $x]]) . "\n";
}
$stream = post($lines, 'application/x-ndjson');
while (($line = fgets($stream)) !== false) {
    $each = json_decode($line);
    if ($each->status === 200) {
        show($each->id, $each->result->gradients->x);
    } else {
        echo "$each->id {$each->problem->detail}\n";
    }
}
