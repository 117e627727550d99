<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>Card</name>
    <message>
        <source>Which hospital is it for?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Please open the hospital’s address file. Its name ends in .passbox, and you find it on the hospital’s web page or in its e-mail.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the address file …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the hospital’s address file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address files</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Findings</name>
    <message>
        <source>For your information</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>⚠  Please check</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>⚠  Something is missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type the password and look again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Password</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show fewer notes</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Show %n note(s) about this disc</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LookUp</name>
    <message>
        <source>What became of my images?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type the receipt code from your print-out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Receipt code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking the hospital …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Examination {number}: {arrived} of {images} have arrived</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Medium</name>
    <message>
        <source>Where are the images?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put in the CD, DVD or USB stick. It shows here by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the same disc, stick or folder as before.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No disc or stick has been found yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A disc may take half a minute to start.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The images are somewhere else?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a folder …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a ZIP file …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Or drag a folder or ZIP file into this window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at the images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the folder with the images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the ZIP file with the images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ZIP files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disc</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>USB stick</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>People</name>
    <message>
        <source>Who sends, and for whom?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fields marked “required” are needed so that the hospital can call back. Everything else is up to you.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your name (required)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your e-mail (required)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your telephone number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where at the hospital</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Department</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>E-mail of somebody at the hospital</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remember me on this computer (nothing about any patient)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>I do not know</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is not an e-mail address. Example: {example}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This address does not belong to the hospital. Allowed: {domains}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Please type your name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Please type your e-mail address.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Privacy</name>
    <message>
        <source>Send images to the hospital</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Privacy statement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>I have read the privacy statement and agree to it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do not continue it, take it back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on as usual with the same disc, stick or folder: it continues where it stopped, and nothing is sent twice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Is this the right hospital? Its letter shows this fingerprint: {fingerprint}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue the transfer of {day}?</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Look up a receipt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Step {number}: {name}, {standing}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your e-mail</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Department</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Who is told</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check and send</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress and receipt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not yet done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>done</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>Receipt code: {code}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To read out on the telephone: {code}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Examinations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What did not arrive, and why</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images that have arrived</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Receipt code as a square code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Receipt code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your receipt code. Please keep it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save as PDF …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Print …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send another disc</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue sending now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save receipt as PDF …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue now, or another day with the same disc or folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Please bring the receipt to your appointment. With its code you can look up later what became of the images.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>✓  Copied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Receipt {code}.pdf</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save receipt as PDF</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done: the hospital has all images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The hospital has a part of the images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The hospital has not taken the images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Handed over, but not yet confirmed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The transfer was interrupted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{what}, {date}: {arrived} of {images}</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>and %n more; the PDF names all of them</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Review</name>
    <message>
        <source>Series</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Series {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no preview</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Examination without a name</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>and %n more series</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>No name on the disc</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}
born {date}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>These images are not sent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Are these the right images?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking at the disc</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>I have checked whose images are ticked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Perhaps the disc holds somebody else’s images, too. Tick only the people whose images you are allowed to send.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing here that could be sent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose something else</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yes, continue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is in again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on without the rest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>⚠  The disc or stick was taken out. Please put it in again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>⚠  There are images of %n different people. Whose may be sent?</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Looking at “{name}”: {files} files, {images} so far.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{name}”: {files} files, {images}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{name}”: {files} files, {images}. Please compare name and birth date.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Sending</name>
    <message>
        <source>The images are on their way</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress of the transfer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The hospital is checking the images …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{images} of {all} files, {bytes} of {total}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speed of the line: {size} per second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel the transfer?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What should happen with the images?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep on sending</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop now, continue another day</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take everything back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused. What has arrived is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>⚠  No connection at the moment. We try again by ourselves; nothing is lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Connecting with the hospital …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sending</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Almost done …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything has been handed over.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Please leave this window open for a moment. The receipt comes when the hospital has signed that it has every image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You may use the computer for other things meanwhile. Please leave the disc or stick in.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>Is everything right?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has been sent yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images of</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Who is told</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It continues where it stopped. Nothing is sent twice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>These are my images, or I am allowed to send them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The images travel sealed: only the hospital can open them. They go one way: you cannot see or fetch them here afterwards.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nobody named on the disc</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n examination(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>the department</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This continues the transfer of {day}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue sending</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send now</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Code for the help desk: {code}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send images to a hospital</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Questions? Please call {phone}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Language: {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Questions? {hospital}: {phone}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send images</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>today</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>date unknown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working out how long it will take …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Less than a minute left</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>About %n minute(s) left</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About %n hour(s) left</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n image(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
</TS>
